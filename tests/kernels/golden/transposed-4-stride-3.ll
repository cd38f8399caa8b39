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
  %v15 = getelementptr float, ptr %v14, i64 0
  call void @llvm.prefetch.p0(ptr %v15, i32 0, i32 3, i32 1)
  call void @llvm.codeview.annotation(metadata !0)
  %v16 = getelementptr float, ptr %xp, i64 0
  %v17 = load <4 x float>, ptr %v16, align 4
  %v18 = getelementptr float, ptr %wp, i64 0
  %v19 = load float, ptr %v18, align 4
  %v20 = insertelement <4 x float> poison, float %v19, i64 0
  %v21 = shufflevector <4 x float> %v20, <4 x float> poison, <4 x i32> zeroinitializer
  %v22 = getelementptr float, ptr %wp, i64 1
  %v23 = load float, ptr %v22, align 4
  %v24 = insertelement <4 x float> poison, float %v23, i64 0
  %v25 = shufflevector <4 x float> %v24, <4 x float> poison, <4 x i32> zeroinitializer
  %v26 = getelementptr float, ptr %wp, i64 2
  %v27 = load float, ptr %v26, align 4
  %v28 = insertelement <4 x float> poison, float %v27, i64 0
  %v29 = shufflevector <4 x float> %v28, <4 x float> poison, <4 x i32> zeroinitializer
  %v30 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v17, <4 x float> %v21, <4 x float> %a0_0_0)
  %v31 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v17, <4 x float> %v25, <4 x float> %a0_1_0)
  %v32 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v17, <4 x float> %v29, <4 x float> %a0_2_0)
  call void @llvm.codeview.annotation(metadata !0)
  %v33 = getelementptr float, ptr %wp, i64 3
  %v34 = load float, ptr %v33, align 4
  %v35 = insertelement <4 x float> poison, float %v34, i64 0
  %v36 = shufflevector <4 x float> %v35, <4 x float> poison, <4 x i32> zeroinitializer
  %v37 = getelementptr float, ptr %xp, i64 -1
  %v38 = load <4 x float>, ptr %v37, align 4
  %v39 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v38, <4 x float> %v36, <4 x float> %v30)
  %a0_0_0.next = bitcast <4 x float> %v39 to <4 x float>
  %a0_1_0.next = bitcast <4 x float> %v31 to <4 x float>
  %a0_2_0.next = bitcast <4 x float> %v32 to <4 x float>
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
  %v40 = phi <4 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %v41 = phi <4 x float> [%v8, %enter], [%a0_1_0.next, %body]
  %v42 = phi <4 x float> [%v12, %enter], [%a0_2_0.next, %body]
  %v43 = mul i64 %y_channel, 0
  %v44 = getelementptr float, ptr %y, i64 %v43
  %v45 = shufflevector <4 x float> %v40, <4 x float> %v41, <4 x i32> <i32 0, i32 4, i32 poison, i32 1>
  %v46 = shufflevector <4 x float> %v45, <4 x float> %v42, <4 x i32> <i32 0, i32 1, i32 4, i32 3>
  %v47 = shufflevector <4 x float> %v40, <4 x float> %v41, <4 x i32> <i32 5, i32 poison, i32 2, i32 6>
  %v48 = shufflevector <4 x float> %v47, <4 x float> %v42, <4 x i32> <i32 0, i32 5, i32 2, i32 3>
  %v49 = shufflevector <4 x float> %v40, <4 x float> %v41, <4 x i32> <i32 poison, i32 3, i32 7, i32 poison>
  %v50 = shufflevector <4 x float> %v49, <4 x float> %v42, <4 x i32> <i32 6, i32 1, i32 2, i32 7>
  %v51 = icmp sle i64 %low, 0
  %v52 = icmp sge i64 %high, 12
  %v53 = and i1 %v51, %v52
  br i1 %v53, label %plain, label %masked
plain:
  %v54 = getelementptr float, ptr %v44, i64 0
  store <4 x float> %v46, ptr %v54, align 4
  %v55 = getelementptr float, ptr %v44, i64 4
  store <4 x float> %v48, ptr %v55, align 4
  %v56 = getelementptr float, ptr %v44, i64 8
  store <4 x float> %v50, ptr %v56, align 4
  br label %end
masked:
  %v57 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v58 = shufflevector <4 x i64> %v57, <4 x i64> poison, <4 x i32> zeroinitializer
  %v59 = icmp sge <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v58
  %v60 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v61 = shufflevector <4 x i64> %v60, <4 x i64> poison, <4 x i32> zeroinitializer
  %v62 = icmp slt <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v61
  %v63 = and <4 x i1> %v59, %v62
  %v64 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v65 = shufflevector <4 x i64> %v64, <4 x i64> poison, <4 x i32> zeroinitializer
  %v66 = icmp sge <4 x i64> <i64 4, i64 5, i64 6, i64 7>, %v65
  %v67 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v68 = shufflevector <4 x i64> %v67, <4 x i64> poison, <4 x i32> zeroinitializer
  %v69 = icmp slt <4 x i64> <i64 4, i64 5, i64 6, i64 7>, %v68
  %v70 = and <4 x i1> %v66, %v69
  %v71 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v72 = shufflevector <4 x i64> %v71, <4 x i64> poison, <4 x i32> zeroinitializer
  %v73 = icmp sge <4 x i64> <i64 8, i64 9, i64 10, i64 11>, %v72
  %v74 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v75 = shufflevector <4 x i64> %v74, <4 x i64> poison, <4 x i32> zeroinitializer
  %v76 = icmp slt <4 x i64> <i64 8, i64 9, i64 10, i64 11>, %v75
  %v77 = and <4 x i1> %v73, %v76
  %v78 = getelementptr float, ptr %v44, i64 0
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v46, ptr %v78, i32 4, <4 x i1> %v63)
  %v79 = getelementptr float, ptr %v44, i64 4
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v48, ptr %v79, i32 4, <4 x i1> %v70)
  %v80 = getelementptr float, ptr %v44, i64 8
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v50, ptr %v80, i32 4, <4 x i1> %v77)
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
