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
  call void @llvm.codeview.annotation(metadata !0)
  %v14 = getelementptr float, ptr %xp, i64 0
  %v15 = load <4 x float>, ptr %v14, align 4
  %v16 = getelementptr float, ptr %wp, i64 0
  %v17 = load float, ptr %v16, align 4
  %v18 = insertelement <4 x float> poison, float %v17, i64 0
  %v19 = shufflevector <4 x float> %v18, <4 x float> poison, <4 x i32> zeroinitializer
  %v20 = getelementptr float, ptr %wp, i64 1
  %v21 = load float, ptr %v20, align 4
  %v22 = insertelement <4 x float> poison, float %v21, i64 0
  %v23 = shufflevector <4 x float> %v22, <4 x float> poison, <4 x i32> zeroinitializer
  %v24 = getelementptr float, ptr %wp, i64 2
  %v25 = load float, ptr %v24, align 4
  %v26 = insertelement <4 x float> poison, float %v25, i64 0
  %v27 = shufflevector <4 x float> %v26, <4 x float> poison, <4 x i32> zeroinitializer
  %v28 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v15, <4 x float> %v19, <4 x float> %a0_0_0)
  %v29 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v15, <4 x float> %v23, <4 x float> %a0_1_0)
  %v30 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v15, <4 x float> %v27, <4 x float> %a0_2_0)
  call void @llvm.codeview.annotation(metadata !0)
  %v31 = getelementptr float, ptr %wp, i64 3
  %v32 = load float, ptr %v31, align 4
  %v33 = insertelement <4 x float> poison, float %v32, i64 0
  %v34 = shufflevector <4 x float> %v33, <4 x float> poison, <4 x i32> zeroinitializer
  %v35 = getelementptr float, ptr %xp, i64 -1
  %v36 = load <4 x float>, ptr %v35, align 4
  %v37 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v36, <4 x float> %v34, <4 x float> %v28)
  %a0_0_0.next = bitcast <4 x float> %v37 to <4 x float>
  %a0_1_0.next = bitcast <4 x float> %v29 to <4 x float>
  %a0_2_0.next = bitcast <4 x float> %v30 to <4 x float>
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
  %v38 = phi <4 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %v39 = phi <4 x float> [%v8, %enter], [%a0_1_0.next, %body]
  %v40 = phi <4 x float> [%v12, %enter], [%a0_2_0.next, %body]
  %v41 = mul i64 %y_channel, 0
  %v42 = getelementptr float, ptr %y, i64 %v41
  %v43 = shufflevector <4 x float> %v38, <4 x float> %v39, <4 x i32> <i32 0, i32 4, i32 poison, i32 1>
  %v44 = shufflevector <4 x float> %v43, <4 x float> %v40, <4 x i32> <i32 0, i32 1, i32 4, i32 3>
  %v45 = shufflevector <4 x float> %v38, <4 x float> %v39, <4 x i32> <i32 5, i32 poison, i32 2, i32 6>
  %v46 = shufflevector <4 x float> %v45, <4 x float> %v40, <4 x i32> <i32 0, i32 5, i32 2, i32 3>
  %v47 = shufflevector <4 x float> %v38, <4 x float> %v39, <4 x i32> <i32 poison, i32 3, i32 7, i32 poison>
  %v48 = shufflevector <4 x float> %v47, <4 x float> %v40, <4 x i32> <i32 6, i32 1, i32 2, i32 7>
  %v49 = icmp sle i64 %low, 0
  %v50 = icmp sge i64 %high, 12
  %v51 = and i1 %v49, %v50
  br i1 %v51, label %plain, label %masked
plain:
  %v52 = getelementptr float, ptr %v42, i64 0
  store <4 x float> %v44, ptr %v52, align 4
  %v53 = getelementptr float, ptr %v42, i64 4
  store <4 x float> %v46, ptr %v53, align 4
  %v54 = getelementptr float, ptr %v42, i64 8
  store <4 x float> %v48, ptr %v54, align 4
  br label %end
masked:
  %v55 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v56 = shufflevector <4 x i64> %v55, <4 x i64> poison, <4 x i32> zeroinitializer
  %v57 = icmp sge <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v56
  %v58 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v59 = shufflevector <4 x i64> %v58, <4 x i64> poison, <4 x i32> zeroinitializer
  %v60 = icmp slt <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v59
  %v61 = and <4 x i1> %v57, %v60
  %v62 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v63 = shufflevector <4 x i64> %v62, <4 x i64> poison, <4 x i32> zeroinitializer
  %v64 = icmp sge <4 x i64> <i64 4, i64 5, i64 6, i64 7>, %v63
  %v65 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v66 = shufflevector <4 x i64> %v65, <4 x i64> poison, <4 x i32> zeroinitializer
  %v67 = icmp slt <4 x i64> <i64 4, i64 5, i64 6, i64 7>, %v66
  %v68 = and <4 x i1> %v64, %v67
  %v69 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v70 = shufflevector <4 x i64> %v69, <4 x i64> poison, <4 x i32> zeroinitializer
  %v71 = icmp sge <4 x i64> <i64 8, i64 9, i64 10, i64 11>, %v70
  %v72 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v73 = shufflevector <4 x i64> %v72, <4 x i64> poison, <4 x i32> zeroinitializer
  %v74 = icmp slt <4 x i64> <i64 8, i64 9, i64 10, i64 11>, %v73
  %v75 = and <4 x i1> %v71, %v74
  %v76 = getelementptr float, ptr %v42, i64 0
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v44, ptr %v76, i32 4, <4 x i1> %v61)
  %v77 = getelementptr float, ptr %v42, i64 4
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v46, ptr %v77, i32 4, <4 x i1> %v68)
  %v78 = getelementptr float, ptr %v42, i64 8
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v48, ptr %v78, i32 4, <4 x i1> %v75)
  br label %end
end:
  ret void
}
declare <4 x float> @llvm.fma.v4f32(<4 x float>, <4 x float>, <4 x float>)
declare <4 x float> @llvm.masked.load.v4f32.p0(ptr, i32, <4 x i1>, <4 x float>)
declare void @llvm.masked.store.v4f32.p0(<4 x float>, ptr, i32, <4 x i1>)
declare void @llvm.codeview.annotation(metadata)
!0 = !{!""}
