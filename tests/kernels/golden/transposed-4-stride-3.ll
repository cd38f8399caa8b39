define void @kernel(ptr %x, ptr %w, ptr %post, ptr %y, i64 %pairs, i64 %rows, i64 %row_step, i64 %wrap_step, i64 %y_channel, i64 %low, i64 %high) {
entry:
  %v1 = getelementptr float, ptr %post, i64 0
  %v2 = load float, ptr %v1, align 4
  %v3 = insertelement <4 x float> poison, float %v2, i64 0
  %v4 = shufflevector <4 x float> %v3, <4 x float> poison, <4 x i32> zeroinitializer
  %v5 = getelementptr float, ptr %post, i64 1
  %v6 = load float, ptr %v5, align 4
  %v7 = insertelement <4 x float> poison, float %v6, i64 0
  %v8 = shufflevector <4 x float> %v7, <4 x float> poison, <4 x i32> zeroinitializer
  %v9 = getelementptr float, ptr %post, i64 2
  %v10 = load float, ptr %v9, align 4
  %v11 = insertelement <4 x float> poison, float %v10, i64 0
  %v12 = shufflevector <4 x float> %v11, <4 x float> poison, <4 x i32> zeroinitializer
  br label %enter
enter:
  %v13 = icmp sgt i64 %pairs, 0
  br i1 %v13, label %body, label %done
body:
  %pair = phi i64 [0, %enter], [%pair.next, %body]
  %row = phi i64 [1, %enter], [%row.next, %body]
  %xp = phi ptr [%x, %enter], [%xp.next, %body]
  %wp = phi ptr [%w, %enter], [%wp.next, %body]
  %a0_0_0 = phi <4 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %a0_1_0 = phi <4 x float> [%v8, %enter], [%a0_1_0.next, %body]
  %a0_2_0 = phi <4 x float> [%v12, %enter], [%a0_2_0.next, %body]
  %v14 = getelementptr float, ptr %wp, i64 1024
  call void @llvm.prefetch.p0(ptr %v14, i32 0, i32 3, i32 1)
  call void @llvm.codeview.annotation(metadata !0)
  %v15 = getelementptr float, ptr %xp, i64 0
  %v16 = load <4 x float>, ptr %v15, align 4
  %v17 = getelementptr float, ptr %wp, i64 0
  %v18 = load float, ptr %v17, align 4
  %v19 = insertelement <4 x float> poison, float %v18, i64 0
  %v20 = shufflevector <4 x float> %v19, <4 x float> poison, <4 x i32> zeroinitializer
  %v21 = getelementptr float, ptr %wp, i64 1
  %v22 = load float, ptr %v21, align 4
  %v23 = insertelement <4 x float> poison, float %v22, i64 0
  %v24 = shufflevector <4 x float> %v23, <4 x float> poison, <4 x i32> zeroinitializer
  %v25 = getelementptr float, ptr %wp, i64 2
  %v26 = load float, ptr %v25, align 4
  %v27 = insertelement <4 x float> poison, float %v26, i64 0
  %v28 = shufflevector <4 x float> %v27, <4 x float> poison, <4 x i32> zeroinitializer
  %v29 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v16, <4 x float> %v20, <4 x float> %a0_0_0)
  %v30 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v16, <4 x float> %v24, <4 x float> %a0_1_0)
  %v31 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v16, <4 x float> %v28, <4 x float> %a0_2_0)
  call void @llvm.codeview.annotation(metadata !0)
  %v32 = getelementptr float, ptr %wp, i64 3
  %v33 = load float, ptr %v32, align 4
  %v34 = insertelement <4 x float> poison, float %v33, i64 0
  %v35 = shufflevector <4 x float> %v34, <4 x float> poison, <4 x i32> zeroinitializer
  %v36 = getelementptr float, ptr %xp, i64 -1
  %v37 = load <4 x float>, ptr %v36, align 4
  %v38 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v37, <4 x float> %v35, <4 x float> %v29)
  %a0_0_0.next = bitcast <4 x float> %v38 to <4 x float>
  %a0_1_0.next = bitcast <4 x float> %v30 to <4 x float>
  %a0_2_0.next = bitcast <4 x float> %v31 to <4 x float>
  %last = icmp eq i64 %row, %rows
  %step = select i1 %last, i64 %wrap_step, i64 %row_step
  %row.one = add i64 %row, 1
  %row.next = select i1 %last, i64 1, i64 %row.one
  %xp.next = getelementptr float, ptr %xp, i64 %step
  %wp.next = getelementptr float, ptr %wp, i64 4
  %pair.next = add i64 %pair, 1
  %more = icmp slt i64 %pair.next, %pairs
  br i1 %more, label %body, label %done
done:
  %v39 = phi <4 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %v40 = phi <4 x float> [%v8, %enter], [%a0_1_0.next, %body]
  %v41 = phi <4 x float> [%v12, %enter], [%a0_2_0.next, %body]
  %v42 = mul i64 %y_channel, 0
  %v43 = getelementptr float, ptr %y, i64 %v42
  %v44 = shufflevector <4 x float> %v39, <4 x float> %v40, <4 x i32> <i32 0, i32 4, i32 poison, i32 1>
  %v45 = shufflevector <4 x float> %v44, <4 x float> %v41, <4 x i32> <i32 0, i32 1, i32 4, i32 3>
  %v46 = shufflevector <4 x float> %v39, <4 x float> %v40, <4 x i32> <i32 5, i32 poison, i32 2, i32 6>
  %v47 = shufflevector <4 x float> %v46, <4 x float> %v41, <4 x i32> <i32 0, i32 5, i32 2, i32 3>
  %v48 = shufflevector <4 x float> %v39, <4 x float> %v40, <4 x i32> <i32 poison, i32 3, i32 7, i32 poison>
  %v49 = shufflevector <4 x float> %v48, <4 x float> %v41, <4 x i32> <i32 6, i32 1, i32 2, i32 7>
  %v50 = icmp sle i64 %low, 0
  %v51 = icmp sge i64 %high, 12
  %v52 = and i1 %v50, %v51
  br i1 %v52, label %plain, label %masked
plain:
  %v53 = getelementptr float, ptr %v43, i64 0
  store <4 x float> %v45, ptr %v53, align 4
  %v54 = getelementptr float, ptr %v43, i64 4
  store <4 x float> %v47, ptr %v54, align 4
  %v55 = getelementptr float, ptr %v43, i64 8
  store <4 x float> %v49, ptr %v55, align 4
  br label %end
masked:
  %v56 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v57 = shufflevector <4 x i64> %v56, <4 x i64> poison, <4 x i32> zeroinitializer
  %v58 = icmp sge <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v57
  %v59 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v60 = shufflevector <4 x i64> %v59, <4 x i64> poison, <4 x i32> zeroinitializer
  %v61 = icmp slt <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v60
  %v62 = and <4 x i1> %v58, %v61
  %v63 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v64 = shufflevector <4 x i64> %v63, <4 x i64> poison, <4 x i32> zeroinitializer
  %v65 = icmp sge <4 x i64> <i64 4, i64 5, i64 6, i64 7>, %v64
  %v66 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v67 = shufflevector <4 x i64> %v66, <4 x i64> poison, <4 x i32> zeroinitializer
  %v68 = icmp slt <4 x i64> <i64 4, i64 5, i64 6, i64 7>, %v67
  %v69 = and <4 x i1> %v65, %v68
  %v70 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v71 = shufflevector <4 x i64> %v70, <4 x i64> poison, <4 x i32> zeroinitializer
  %v72 = icmp sge <4 x i64> <i64 8, i64 9, i64 10, i64 11>, %v71
  %v73 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v74 = shufflevector <4 x i64> %v73, <4 x i64> poison, <4 x i32> zeroinitializer
  %v75 = icmp slt <4 x i64> <i64 8, i64 9, i64 10, i64 11>, %v74
  %v76 = and <4 x i1> %v72, %v75
  %v77 = getelementptr float, ptr %v43, i64 0
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v45, ptr %v77, i32 4, <4 x i1> %v62)
  %v78 = getelementptr float, ptr %v43, i64 4
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v47, ptr %v78, i32 4, <4 x i1> %v69)
  %v79 = getelementptr float, ptr %v43, i64 8
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v49, ptr %v79, i32 4, <4 x i1> %v76)
  br label %end
end:
  ret void
}
declare <4 x float> @llvm.fma.v4f32(<4 x float>, <4 x float>, <4 x float>)
declare <4 x float> @llvm.masked.load.v4f32.p0(ptr, i32, <4 x i1>, <4 x float>)
declare void @llvm.masked.store.v4f32.p0(<4 x float>, ptr, i32, <4 x i1>)
declare void @llvm.codeview.annotation(metadata)
declare void @llvm.prefetch.p0(ptr, i32, i32, i32)
!0 = !{!""}
